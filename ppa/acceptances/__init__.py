"""What the designated person is told and answers: the link, the guide, her yes or no, and the trail of it."""
