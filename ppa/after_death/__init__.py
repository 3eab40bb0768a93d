"""After a death: the relatives told in the words that the person chose, and those who are called back later."""
