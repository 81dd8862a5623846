"""The workspace's versions, oldest first; shipped with the program and run when a workspace is opened."""
