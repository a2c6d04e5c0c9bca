package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;

/** Takes no settings: write {}. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Empty() {}
