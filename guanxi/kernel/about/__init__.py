"""What is said of any record, by model label and id: who may know it, and the timeline in which it stands."""
