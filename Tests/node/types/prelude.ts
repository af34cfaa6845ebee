import { PrismaClient, Prisma, Role, User } from "./index"

declare function use<T>(value: T): void
const prisma = new PrismaClient()
const extended = prisma.$extends({
  result: { user: { label: { needs: { email: true }, compute: (user) => user.email + user.id } } },
  model: {
    user: { async tally(from: number) { return from + 1 } },
    $allModels: {
      async exists<T>(this: T, where: Prisma.Args<T, "findFirst">["where"]): Promise<boolean> {
        const context = Prisma.getExtensionContext(this)
        return (await (context as any).findFirst({ where })) !== null
      },
    },
  },
  client: { $ping() { return 7 } },
})
