package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** Of which processes the heaviest is restarted. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record RestartHeaviest(
    @Required
        @Size(min = 1, max = 50)
        @JsonPropertyDescription("Names of the PM2 processes that may be restarted.")
        List<@Size(max = 128) @Pattern(Formats.PROCESS) String> pm2) {

  public RestartHeaviest {
    pm2 = pm2 == null ? List.of() : List.copyOf(pm2);
  }
}
