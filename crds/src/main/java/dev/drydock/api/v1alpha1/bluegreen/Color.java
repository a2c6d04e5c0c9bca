package dev.drydock.api.v1alpha1.bluegreen;

import com.fasterxml.jackson.annotation.JsonProperty;

/** One of the two that run side by side. */
public enum Color {
  @JsonProperty("blue")
  BLUE,
  @JsonProperty("green")
  GREEN
}
