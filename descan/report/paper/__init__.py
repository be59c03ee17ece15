"""An analysis for a paper: tables as a journal prints them, figures of a width, what to cite, how it was done."""
