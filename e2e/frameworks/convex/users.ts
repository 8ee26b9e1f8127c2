// Stands for the sign-in of the application: returns the user who calls a function.
export async function currentUser(): Promise<{ userId: string; email: string }> {
  return { userId: "user_1", email: "ada@example.com" };
}
