package dev.drydock.api.v1alpha1.common;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** One key of a Secret of the same namespace. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SecretKeyReference(
    @Required
        @Size(min = 1, max = 253)
        @Pattern(Formats.OBJECT_NAME)
        @JsonPropertyDescription("Name of a Secret in the same namespace.")
        String name,
    @Required
        @Size(min = 1, max = 253)
        @Pattern(Formats.DATA_KEY)
        @JsonPropertyDescription("Key within the Secret's data.")
        String key) {}
