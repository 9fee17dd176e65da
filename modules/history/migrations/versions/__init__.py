"""The steps, the newest last. One that has been released is never changed."""
