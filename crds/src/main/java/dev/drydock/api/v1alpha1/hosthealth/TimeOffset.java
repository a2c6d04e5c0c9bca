package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A limit of the clock's error. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record TimeOffset(
    @Required
        @Size(max = 20)
        @Pattern(Formats.DURATION)
        @JsonPropertyDescription("A larger offset than this is an alert, for example 500ms.")
        String above) {}
