"""Documentation Templates and Rules (Da Vinci DTR 2.0.1 and 2.2.0): forms as packages, question by question, filled in."""
