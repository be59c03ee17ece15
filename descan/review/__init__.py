"""What a person marks: the local page with every case, a drawn sample to read blind, and the readings."""
