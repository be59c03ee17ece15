"""Where items come from: class folders, manifests, corpora, and their media."""
