//! `mesigate inject`: the sidecar in manifests, put in, replaced and taken out.

mod emitter; // values as text, in any style
mod generator; // manifests of any kind and shape
mod oracle; // what an injection has to come to, on plain values
mod properties; // what holds for every manifest
