/** The door for ES modules. The schema's enums stand in `$Enums`; a generated client has them by their names. */
import module from "./src/module.js"

export const { PrismaClient, Prisma, $Enums, load } = module
export default module
