"use strict"
/** The Prisma Client whose surface this is. Programs ask for it to know what a client can do. */
const prismaVersion = { client: "7.9.0", engine: "accelerant" }

module.exports = { prismaVersion, clientVersion: prismaVersion.client }
