import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { t } from '../../../shared/words';
import { Heading } from '../../shell/heading';
import type { Template } from './queries';
import { Facts } from './status';

/** The way back, the name, the two facts, and what can be done. */
export function TitleLine(props: { template: Template; name: string; children: ReactNode }) {
  return (
    <div className="title-line">
      <div className="title-names">
        <Link to="/templates">{t('page.templates')}</Link>
        <Heading>{props.name}</Heading>
        <Facts template={props.template} />
      </div>
      <div className="page-actions">{props.children}</div>
    </div>
  );
}
