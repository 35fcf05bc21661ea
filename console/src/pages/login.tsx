// What is shown to who has no session: how to get one.

import { useState } from "preact/hooks";
import { login, loginFault, tokenOf } from "../login";
import { Command, Fault } from "../parts/small";

export function Login() {
  const [text, set] = useState("");
  const enter = (event: Event) => {
    event.preventDefault();
    const token = tokenOf(text.trim()) || text.trim();
    set("");
    if (token) void login(token);
  };
  return (
    <>
      <h1 tabIndex={-1}>Who are you?</h1>
      <p>
        This console lets in whoever has a login token. Where the settings name none, the gateway makes one at each start
        and prints a link that ends in <code>#login=</code> and the token. Open that link, or paste it here; a token alone
        will do.
      </p>
      <form class="row" onSubmit={enter}>
        <label for="link">Link or token</label>
        <input
          id="link"
          class="masked"
          autocomplete="off"
          spellcheck={false}
          value={text}
          onInput={(event) => set(event.currentTarget.value)}
        />
        <button class="first">Log in</button>
      </form>
      <Fault what={loginFault.value} />
      <section>
        <h2>Where is the link?</h2>
        <p>Where the gateway runs in a terminal, it stands above. Under systemd, or in a pod:</p>
        <Command text="journalctl -u mesigate | grep 'login='" />
        <Command text="kubectl logs deploy/mesigate | grep 'login='" />
        <p>
          With tokens of your own, in the files that <code>console.view</code> and <code>console.operate</code> name, none is
          printed: with the first one may look, with the second also change things.
        </p>
      </section>
    </>
  );
}
