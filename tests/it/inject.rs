//! `mesigate inject`: the sidecar in manifests, put in, replaced and taken out.

mod command; // the program: files and standard input, exit codes, the diff
mod emitter; // values as text, in any style
mod fixtures; // manifests in the shapes of tools
mod forms; // the definition in its other forms
mod generator; // manifests of any kind and shape
mod oracle; // what an injection has to come to, on plain values
mod properties; // what holds for every manifest
mod refusals; // what is refused, and how
