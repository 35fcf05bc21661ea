// Whether the gateway is heard from, and whether it knows who we are.

import { signal } from "@preact/signals";

export type Session = "asking" | "in" | "out";

/** Whether this browser has a session. */
export const session = signal<Session>("asking");

/** When the gateway was last heard from, in milliseconds since 1970, if it is not any more. */
export const silentSince = signal<number | null>(null);

let lastHeard = Date.now();

export function heard(): void {
  lastHeard = Date.now();
  silentSince.value = null;
}

export function gone(): void {
  silentSince.value ??= lastHeard;
}

export function signedOut(): void {
  session.value = "out";
}
