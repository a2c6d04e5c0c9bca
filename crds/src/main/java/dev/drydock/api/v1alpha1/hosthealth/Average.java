package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Over how long the kernel averages the load. */
public enum Average {
  @JsonProperty("1m")
  ONE,
  @JsonProperty("5m")
  FIVE,
  @JsonProperty("15m")
  FIFTEEN
}
