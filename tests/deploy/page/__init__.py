"""Runs the commands of docs/kubernetes.md as a reader would, against the stand-in of a cluster (`kube.api`).

Read in this order: __main__ (what is set up), blocks (the page), shell (how a block runs), outcomes (what must be so
afterwards).
"""
