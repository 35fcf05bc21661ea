// A page that fails says so, and leaves the others as they are.

import { Component, type ComponentChildren } from "preact";

type Props = { children: ComponentChildren };

export class Safe extends Component<Props, { failed: string }> {
  override state = { failed: "" };

  override componentDidCatch(error: unknown): void {
    this.setState({ failed: error instanceof Error ? error.message : String(error) });
  }

  render({ children }: Props, { failed }: { failed: string }) {
    if (!failed) return children;
    return (
      <>
        <h1 tabIndex={-1}>This page failed</h1>
        <p>
          It could not show what the gateway said: {failed}. The other pages go on; a reload tries this one again. Please report it
          with that sentence.
        </p>
      </>
    );
  }
}
