"""The lexicon of Esperanto for descan: the data files beside this one."""
