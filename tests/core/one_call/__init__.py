"""One call comes to what its rows would come to if each were a call of its own.

Rows are made at random of few keys, so that they meet. What must come of them is said by plain dictionaries,
a row at a time, which know nothing of how the service does it.
"""
