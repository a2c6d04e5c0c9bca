package dev.drydock.api.v1alpha1.common;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A Secret of the same namespace. */
public record SecretReference(
    @Required
        @Size(min = 1, max = 253)
        @Pattern(Formats.OBJECT_NAME)
        @JsonPropertyDescription("Name of a Secret in the same namespace.")
        String name) {}
