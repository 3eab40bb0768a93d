"""The announcement of a serious illness, the proposal of a personal plan that follows it, and the person's answer."""
