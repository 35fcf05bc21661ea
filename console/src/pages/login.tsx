// What is shown to who has no session: how to get one.

import { useState } from "preact/hooks";
import { login, loginFault, tokenOf } from "../login";
import { Command, Fault } from "../parts/small";

export function Login() {
  const [text, set] = useState("");
  const enter = (event: Event) => {
    event.preventDefault();
    const token = tokenOf(text.trim());
    set("");
    if (token) void login(token);
    else loginFault.value = "That is no link of the console: it ends in #login= and a token.";
  };
  return (
    <>
      <h1 tabIndex={-1}>Who are you?</h1>
      <p>
        This console lets in whoever has its link. The gateway prints one when it starts, in the lines of its standard
        error: it ends in <code>#login=</code> and a token. Open that link here, or paste it.
      </p>
      <form class="row" onSubmit={enter}>
        <label for="link">Link</label>
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
      <h2>Where is the link?</h2>
      <p>Where the gateway runs in a terminal, it stands above. Under systemd, or in a pod:</p>
      <Command text="journalctl -u mesigate | grep 'login='" />
      <Command text="kubectl logs deploy/mesigate | grep 'login='" />
      <p>
        A link may look, or also change things: that depends on the token in it. The settings can name files with tokens
        of your own; the section <code>console</code> of <code>config/mesigate.toml</code> says how.
      </p>
    </>
  );
}
