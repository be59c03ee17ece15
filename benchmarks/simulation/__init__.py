"""Simulated studies with known truth: do the statistics of `descan analyze` recover it?

`templates.yaml` has what describers write, `designs.yaml` who they are and what they see; `instrument` reads the
templates with the real extractor, `population` computes the truth, `study` draws studies and writes them as
`descan analyze` would, and `proof` compares what `descan.compare` says of them with the truth.
"""
