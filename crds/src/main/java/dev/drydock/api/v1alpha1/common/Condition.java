package dev.drydock.api.v1alpha1.common;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** A condition as in metav1.Condition, so that kubectl wait, Flux and Argo CD can read it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Condition(
    @Required @JsonPropertyDescription("Which question this answers, for example Ready.")
        String type,
    @Required @JsonPropertyDescription("True, False or Unknown.") String status,
    @Required @JsonPropertyDescription("Why, in one word that programs can match.") String reason,
    @Required @JsonPropertyDescription("Why, in a sentence that says what to do.") String message,
    @Required
        @JsonPropertyDescription("When the status last changed, RFC 3339. A new message keeps it.")
        String lastTransitionTime,
    @JsonPropertyDescription("The metadata.generation that this condition was derived from.")
        @Nullable Long observedGeneration) {}
