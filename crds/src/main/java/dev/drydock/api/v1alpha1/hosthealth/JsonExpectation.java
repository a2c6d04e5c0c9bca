package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** What a JSON answer must hold. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record JsonExpectation(
    @Required
        @Size(max = 256)
        @Pattern(Formats.JSON_PATH)
        @JsonPropertyDescription("Where in the document, as in JSONPath: $.ok or $.items[0].state.")
        String path,
    @Required @Size(max = 256) @JsonPropertyDescription("The value that stands there, as text.")
        String equals) {}
