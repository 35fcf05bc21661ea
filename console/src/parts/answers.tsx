// The answer in both dialects, what it changed, and where to go from there.

import { address } from "../route";
import type { Answer, Sent, State } from "../types";
import { span } from "../words";
import { Json, laidOut } from "./json";
import { Copy } from "./small";

export function Answers({ sent, known, isSandbox }: { sent: Sent; known: State; isSandbox: boolean }) {
  return (
    <div class="answers">
      <p role="status">{sent.json ? `Answered after ${span(sent.took_us)}.` : "Refused here, and nothing was sent."}</p>
      <div class="two">
        {sent.old && <One answer={sent.old} title="As the old program gets it" />}
        {sent.json && <One answer={sent.json} title="As JSON" />}
      </div>
      {isSandbox && <Changed changed={sent.changed} />}
      <Next known={known} />
    </div>
  );
}

function One({ answer, title }: { answer: Answer; title: string }) {
  return (
    <section class="pane">
      <h3>{title}</h3>
      <p class="quiet">HTTP {answer.status}</p>
      <Json text={laidOut(answer.body)} label={title} />
      <p>
        <Copy text={answer.body} what="answer" />
      </p>
    </section>
  );
}

function Changed({ changed }: { changed: string[] }) {
  return (
    <>
      <h3>What changed in the sandbox</h3>
      {changed.length === 0 ? (
        <p>Nothing.</p>
      ) : (
        <ul class="plain">
          {changed.map((what) => (
            <li key={what}>{what}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function Next({ known }: { known: State }) {
  return (
    <>
      <h3>And now</h3>
      <ul class="plain">
        <li>
          Point your program here: in place of its API address put <code>{known.api}</code> <Copy text={known.api} what="address" />
        </li>
        <li>
          <a href={address("traffic")}>See it arrive</a>, then see on <a href={address("migration")}>Migration</a> what it has to write
          instead.
        </li>
      </ul>
    </>
  );
}
