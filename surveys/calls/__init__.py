"""The interviewers' work list: cases are opened, claimed for one person, called, and closed with a disposition.

Whether a customer may be called is asked of the gate each time; a case only says about what.
"""
