// The one place that talks to the gateway, except for the stream. Whether it answers is told to `heard`.

import { gone, heard, signedOut } from "./contact";

/** A refusal in the gateway's own words: which kind, and a sentence that says what to do. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly kind: string,
    what: string,
  ) {
    super(what);
  }
}

/** No answer came: the gateway has ended, or cannot be reached. */
export class Unheard extends Error {}

const HEADERS = { "Content-Type": "application/json", "X-Mesigate-Console": "1" };

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return ask<T>(path, signal ? { signal } : {});
}

export function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = { method: "POST", headers: HEADERS, body: JSON.stringify(body) };
  return ask<T>(path, signal ? { ...init, signal } : init);
}

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  const response = await reach(path, init);
  heard();
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  throw await refusal(response, path);
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`/console/${path}`, { ...init, credentials: "same-origin", cache: "no-store" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    gone();
    throw new Unheard("the gateway does not answer");
  }
}

async function refusal(response: Response, path: string): Promise<Refused> {
  const said = (await response.json().catch(() => ({}))) as { error?: string; what?: string };
  if (response.status === 401 && path !== "login") signedOut();
  const what = said.what ?? `the gateway answered ${response.status} and gave no reason`;
  return new Refused(response.status, said.error ?? "", what);
}

/** The sentence to show for whatever was thrown; an abort is no fault and says nothing. */
export function sentence(error: unknown): string {
  if (error instanceof DOMException && error.name === "AbortError") return "";
  return error instanceof Error ? error.message : String(error);
}
