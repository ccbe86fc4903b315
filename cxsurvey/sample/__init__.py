"""A working example: real purchases, and made-up people, contacts and answers from a model with a known truth.

Steps, each in a module: `purchases` reads the real part, `people` and `touchpoints` make up what it lacks, `answers`
lets a customer react to an invitation, all with the numbers of `truth`; `load` puts it into the tables, `journey`
runs the main job over it day by day. What is real and what is made up: docs/sample.md.
"""
