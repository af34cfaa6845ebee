import extension from "./index.js"

export const { withAccelerate } = extension
export default extension
