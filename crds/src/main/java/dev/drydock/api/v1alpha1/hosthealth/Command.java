package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A command that must end as expected. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Command(
    @Required
        @Size(min = 1, max = 50)
        @JsonPropertyDescription("The program and its arguments; no shell reads them.")
        List<@Size(max = 1024) String> command,
    @Min(0) @Max(255) @JsonPropertyDescription("The status that is expected. Default 0.")
        @Nullable Integer exitCode,
    @Size(max = 256) @JsonPropertyDescription("A regular expression that the output must match.")
        @Nullable String outputMatches,
    @Size(max = 20)
        @Pattern(Formats.DURATION)
        @JsonPropertyDescription("How long it may take. Default 10s.")
        @Nullable String timeout) {

  public Command {
    command = command == null ? List.of() : List.copyOf(command);
  }
}
