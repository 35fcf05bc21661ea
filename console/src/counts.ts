// What has come since the gateway began, asked again and again while a page shows it.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get } from "./api";
import { repeat } from "./store";
import type { Counts } from "./types";

export const counts = signal<Counts | null>(null);

export function useCounts(): void {
  useEffect(() => repeat(async () => void (counts.value = await get<Counts>("api/counts"))), []);
}
