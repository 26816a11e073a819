"""Values in their analytes' units: doubts between them, intervals, flags, and the tables of rules over them."""
