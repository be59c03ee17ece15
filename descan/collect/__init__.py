"""The stage that gathers the answers of VLMs into a corpus."""
