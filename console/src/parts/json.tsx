// JSON, line by line as the gateway wrote it, with the reason of each member beside it. No number is read as a
// number: ids may be larger than a browser's.

import type { Member } from "../types";

type Row = { depth: number; key: string | null; rest: string; at: string };

const LINE = /^(\s*)(?:"((?:[^"\\]|\\.)*)": )?(.*)$/;

/** The lines of pretty JSON, each with the path of the member that it begins. */
export function rows(json: string): Row[] {
  const path: string[] = [];
  return json.split("\n").map((line) => {
    const [, blank = "", key, rest = ""] = LINE.exec(line) ?? [];
    const depth = Math.floor(blank.length / 2);
    path.length = Math.max(0, depth - 1);
    if (key !== undefined) path[depth - 1] = key;
    return { depth, key: key ?? null, rest, at: key === undefined ? "" : path.join(".") };
  });
}

function kind(rest: string): string {
  const bare = rest.replace(/,$/, "");
  if (bare.startsWith('"')) return "text";
  if (/^-?\d/.test(bare)) return "amount";
  return /^(true|false|null)$/.test(bare) ? "word" : "mark";
}

export function Json({ text, members = [], label }: { text: string; members?: Member[]; label: string }) {
  const whys = new Map(members.map((member) => [member.at, member]));
  return (
    <ol class={members.length > 0 ? "json reasoned" : "json"} tabIndex={0} aria-label={label}>
      {rows(text).map((row, index) => (
        <li key={index}>
          <code class={`d${Math.min(row.depth, 6)}`}>
            {row.key !== null && (
              <>
                <span class="key">"{row.key}"</span>:{" "}
              </>
            )}
            <span class={kind(row.rest)}>{row.rest}</span>
          </code>
          {whys.has(row.at) && <Why member={whys.get(row.at)} />}
        </li>
      ))}
    </ol>
  );
}

function Why({ member }: { member: Member | undefined }) {
  if (!member) return null;
  return (
    <span class="why">
      {member.from && (
        <>
          <span aria-hidden="true">← </span>
          <span class="said">from </span>
          <code>{member.from}</code>{" "}
        </>
      )}
      {member.why}
    </span>
  );
}

/** An answer's body: JSON is laid out, anything else stays as it is. */
export function laidOut(body: string): string {
  if (/\d{16,}/.test(body)) return body;
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
