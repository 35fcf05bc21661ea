// What is said while the gateway does not answer.

import { useEffect, useState } from "preact/hooks";
import { silentSince } from "../contact";
import { ago, clock } from "../words";

export function Silence() {
  const since = silentSince.value;
  const now = useNow(since !== null);
  const seconds = since === null ? 0 : since / 1000;
  return (
    <div role="status">
      {since !== null && (
        <p class="silence">
          Nothing heard from the gateway since {clock(seconds)} ({ago(now - seconds)}). The page keeps what it had
          then, and tries again by itself.
        </p>
      )}
    </div>
  );
}

/** The time in seconds since 1970, anew each second while it is wanted. */
export function useNow(wanted = true): number {
  const [now, set] = useState(Date.now() / 1000);
  useEffect(() => {
    if (!wanted) return;
    set(Date.now() / 1000);
    const timer = setInterval(() => set(Date.now() / 1000), 1000);
    return () => clearInterval(timer);
  }, [wanted]);
  return now;
}
