// Begins: the login of the address, the page, and what is asked all the time.

import { render } from "preact";
import { App } from "./app";
import { session } from "./contact";
import { loginFromAddress } from "./login";
import { listen } from "./route";
import { askState, begin } from "./store";
import { follow } from "./stream";

listen();
await loginFromAddress();
if (session.value === "asking") await askState();
const place = document.getElementById("console");
if (place) {
  place.replaceChildren();
  render(<App />, place);
}
begin();
follow();
