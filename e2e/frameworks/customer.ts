// Stands for the sign-in of the application: returns the customer whom a request's cookie names, or "" if there is none.
export async function customerOf(cookies: string | null | undefined): Promise<string> {
  return /(?:^|; )customer=([^;]*)/.exec(cookies ?? "")?.[1] ?? "";
}
