// What `npx convex codegen` generates for an application with the component, without the application's own functions.
import type { ComponentApi } from "@convex-dev/polar/_generated/component.js";
import { componentsGeneric } from "convex/server";

export const components = componentsGeneric() as unknown as { polar: ComponentApi<"polar"> };
