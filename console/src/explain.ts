// What a call becomes, said by the gateway itself: the browser translates nothing.

import { post } from "./api";
import { language, languages } from "./store";
import type { Explained } from "./types";

export function explain(text: string, signal?: AbortSignal): Promise<Explained> {
  const as = language.value || (languages.value[0]?.name ?? "curl");
  return post<Explained>("api/explain", { text, as }, signal);
}
