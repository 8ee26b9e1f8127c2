// Functions that Nuxt and the module @polar-sh/nuxt make available in server routes without an import.
declare const CustomerPortal: typeof import("../node_modules/@polar-sh/nuxt/dist/runtime/server/customerPortalHandler.js").CustomerPortal;
declare const defineEventHandler: typeof import("h3").defineEventHandler;
declare const toWebRequest: typeof import("h3").toWebRequest;
