// The part of TanStack Start's generated code that the routes need.
import type {} from "@tanstack/react-start";
declare module "@tanstack/react-router" {
  interface FileRoutesByPath {
    "/portal": { id: "/portal"; path: "/portal"; fullPath: "/portal"; preLoaderRoute: unknown; parentRoute: never };
    "/webhooks": { id: "/webhooks"; path: "/webhooks"; fullPath: "/webhooks"; preLoaderRoute: unknown; parentRoute: never };
  }
}
