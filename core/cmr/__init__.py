"""The cardiac MR room: late-enhancement stack to fibrosis overlay and burden."""
