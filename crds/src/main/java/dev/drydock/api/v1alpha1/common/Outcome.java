package dev.drydock.api.v1alpha1.common;

/** How a run ended, or why there was none. */
public enum Outcome {
  Succeeded,
  Failed,
  Missed,
  CutOff,
  Frozen,
  Blocked,
  Skipped
}
