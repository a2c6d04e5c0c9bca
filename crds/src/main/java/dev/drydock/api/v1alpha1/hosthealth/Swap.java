package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;

/** Limits of swap. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Swap(
    @Required
        @Min(0)
        @Max(99)
        @JsonPropertyDescription(
            "A larger share of swap used than this is an alert, in percent. A host"
                + " without swap is fine.")
        Integer usedPercentAbove) {}
