"""Tables as people and spreadsheets write them: bytes to text, to rows, to numbers. What a column means is the rooms' own."""
