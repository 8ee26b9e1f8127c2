import { Polar } from "@convex-dev/polar";
import { PolarCore } from "@polar-sh/sdk/core.js";
import { components } from "./_generated/api.ts";
import { currentUser } from "./users.ts";

export const polar = new Polar(components.polar, {
  getUserInfo: currentUser,
});

polar.polar = new PolarCore({
  accessToken: process.env.POSTERN_ACCESS_TOKEN,
  serverURL: process.env.POSTERN_URL,
});
