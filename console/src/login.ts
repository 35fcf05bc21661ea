// The login: a token from the fragment of the printed link, swapped for a cookie that no script can read.

import { post, sentence } from "./api";
import { session } from "./contact";
import { signal } from "@preact/signals";

/** Why the last try to log in failed. */
export const loginFault = signal("");

/** Takes the token out of the address and swaps it; without one nothing is asked. */
export async function loginFromAddress(): Promise<void> {
  const token = tokenOf(location.hash);
  if (!token) return;
  history.replaceState(null, "", location.pathname);
  await login(token);
}

/** The token of a whole link, of its fragment, or the text itself. */
export function tokenOf(text: string): string {
  const fragment = text.includes("#") ? text.slice(text.indexOf("#") + 1) : text;
  return new URLSearchParams(fragment).get("login") ?? "";
}

export async function login(token: string): Promise<void> {
  loginFault.value = "";
  try {
    await post("login", { token });
    session.value = "in";
  } catch (error) {
    session.value = "out";
    loginFault.value = sentence(error);
  }
}

export async function logout(): Promise<void> {
  await post("logout", {}).catch(() => undefined);
  session.value = "out";
}
